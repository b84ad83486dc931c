package import HostSystem
import Subprocess
package import SystemPackage

/// A `docker-registry` of Debian's on a port of the loopback, with a storage of its own, for as long as a test needs it.
package struct RegistryProcess: Sendable {
    package enum Access: Sendable {
        case open
        /// Whom `htpasswd` lists: user `somebody`, password `secret`.
        case password
        /// Tokens that `issuer` signed with the key of a certificate.
        case tokens(realm: String, issuer: String, certificate: FilePath)
    }

    /// `127.0.0.1:PORT`.
    package let name: String
    package let directory: TemporaryDirectory

    /// What it wrote: a line a request.
    package var log: String { (try? String(decoding: directory.directory.readFile(at: "log"), as: UTF8.self)) ?? "" }

    /// The file that holds a blob, by the digest's hexadecimal digits.
    package func blobFile(_ hex: String) -> FilePath {
        directory.path.appending("storage/docker/registry/v2/blobs/sha256").appending(String(hex.prefix(2))).appending(hex).appending("data")
    }

    /// - Parameter certificate: speaks TLS with it.
    package static func run<Value: Sendable>(
        _ access: Access = .open, certificate: TestCertificates? = nil,
        _ body: @Sendable @escaping (RegistryProcess) async throws -> Value
    ) async throws -> Value {
        let directory = try TemporaryDirectory(prefix: "jettison-registry-")
        try directory.directory.writeFile(Array(configuration(access, certificate, directory).utf8), at: "config.yml")
        // bcrypt of "secret".
        let line = "somebody:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n"
        try directory.directory.writeFile(Array(line.utf8), at: "htpasswd")
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: ["-c", "exec docker-registry serve \"$1/config.yml\" > \"$1/log\" 2>&1", "sh", directory.path.string],
            input: .none, output: .discarded, error: .discarded
        ) { execution -> Result<Value, any Error> in
            let result: Result<Value, any Error>
            do {
                let registry = RegistryProcess(name: "127.0.0.1:\(try await port(directory))", directory: directory)
                result = .success(try await body(registry))
            } catch { result = .failure(error) }
            try execution.send(signal: .kill)
            return result
        }
        return try result.closureResult.get()
    }

    private static func configuration(_ access: Access, _ certificate: TestCertificates?, _ directory: TemporaryDirectory) -> String {
        var text = """
            version: 0.1
            log: {level: info, formatter: text}
            storage:
              filesystem: {rootdirectory: \(directory.path)/storage}
              delete: {enabled: true}
            http:
              addr: 127.0.0.1:0

            """
        if let certificate {
            text += "  tls: {certificate: \(certificate.server.chain), key: \(certificate.server.key)"
            text += certificate.demandsClient ? ", clientcas: [\(certificate.authority)]}\n" : "}\n"
        }
        switch access {
        case .open: break
        case .password: text += "auth:\n  htpasswd: {realm: test, path: \(directory.path)/htpasswd}\n"
        case .tokens(let realm, let issuer, let certificate):
            text += "auth:\n  token: {realm: \"\(realm)\", service: test-registry, issuer: \(issuer), rootcertbundle: \(certificate)}\n"
        }
        return text
    }

    /// The port it chose, once it listens.
    private static func port(_ directory: TemporaryDirectory) async throws -> Int {
        for _ in 0..<3000 {
            let log = (try? String(decoding: directory.directory.readFile(at: "log"), as: UTF8.self)) ?? ""
            if let found = log.firstRange(of: "listening on 127.0.0.1:"),
                let port = Int(log[found.upperBound...].prefix { $0.isNumber })
            {
                return port
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw NotListening()
    }

    private struct NotListening: Error {}
}

/// An authority and what it signed, made with openssl for one test.
package struct TestCertificates: Sendable {
    package let directory: TemporaryDirectory
    /// For `localhost` and `127.0.0.1`.
    package let server: (chain: String, key: String)
    package let client: (chain: String, key: String)
    package let authority: String
    /// Servers want a certificate of their clients.
    package var demandsClient = false

    package init() async throws {
        directory = try TemporaryDirectory(prefix: "jettison-certificates-")
        let path = directory.path.string
        authority = path + "/ca.pem"
        server = (path + "/server.pem", path + "/server.key")
        client = (path + "/client.pem", path + "/client.key")
        let script = """
            set -e; cd "$1"
            openssl ecparam -name prime256v1 -genkey -noout -out ca.key
            openssl req -x509 -new -key ca.key -subj '/CN=test authority' -days 30 -out ca.pem
            for name in server client; do
              openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out $name.key
              openssl req -new -key $name.key -subj "/CN=$name" -out $name.csr
              printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nextendedKeyUsage=serverAuth,clientAuth' > $name.ext
              openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile $name.ext -out $name.pem
            done
            """
        let output = try await ShellCommand.run(script, [path])
        guard output.status == 0 else { throw Failure(description: output.standardError) }
    }

    private struct Failure: Error, CustomStringConvertible { var description: String }
}
