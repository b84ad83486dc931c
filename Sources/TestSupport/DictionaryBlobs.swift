package import OCI
/// Test doubles and fixtures.
package struct DictionaryBlobs: Sendable { package var blobs: [Digest: [UInt8]] = [:] }
