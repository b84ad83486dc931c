import BuildContext
import HostSystem
struct ArchiveUnpacking {
    init?(match: SourceMatch, tree: SourceTree) throws { return nil }
    func unpack(into: Directory) throws {}
}
