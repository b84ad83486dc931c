import HostSystem
package import SystemPackage

/// Standard output or standard error, unbuffered: what is written is out.
package struct StandardStream: Sendable {
    let descriptor: FileDescriptor

    /// Results.
    package static let output = StandardStream(descriptor: .standardOutput)
    /// Progress and diagnostics.
    package static let error = StandardStream(descriptor: .standardError)

    package func write(_ text: String) throws(Errno) {
        var text = text
        let failure: Errno? = text.withUTF8 { bytes in
            do {
                try descriptor.writeAll(UnsafeRawBufferPointer(bytes))
                return nil
            } catch { return error as? Errno ?? .ioError }
        }
        if let failure { throw failure }
    }

    /// The terminal behind it; nil for a file or a pipe.
    var terminal: Terminal? { Terminal(descriptor: descriptor.rawValue) }

    /// Colours for it: none unless it is a terminal that shows them to somebody who wants them.
    func style(in environment: ProcessEnvironment) -> Style {
        Style(colour: environment.allowsColour && terminal != nil)
    }

    package func line(_ text: String) throws(Errno) { try write(text + "\n") }
}
