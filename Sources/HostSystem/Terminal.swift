import CHost

/// The terminal behind a descriptor of this process.
package struct Terminal: Sendable {
    package let descriptor: Int32
    /// 0 when the terminal does not say.
    package let columns: Int
    package let rows: Int

    /// nil when the descriptor is a file or a pipe.
    package init?(descriptor: Int32) {
        var columns: Int32 = 0
        var rows: Int32 = 0
        guard chost_terminal_size(descriptor, &columns, &rows) == 1 else { return nil }
        self.descriptor = descriptor
        self.columns = Int(columns)
        self.rows = Int(rows)
    }

    /// What a second interrupt writes before the process is gone; nil when the terminal is as it was found.
    /// Static, because a signal handler reads it.
    package func restoreOnExit(with bytes: StaticString?) {
        guard let bytes else { return chost_terminal_restore_with(descriptor, nil) }
        // A StaticString with a pointer ends with a zero byte and lives as long as the process.
        chost_terminal_restore_with(
            descriptor, bytes.hasPointerRepresentation
                ? UnsafeRawPointer(bytes.utf8Start).assumingMemoryBound(to: CChar.self) : nil)
    }
}
