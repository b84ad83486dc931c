/// The empty set of layers.
package struct ContextSource: Sendable { package var root: String }
