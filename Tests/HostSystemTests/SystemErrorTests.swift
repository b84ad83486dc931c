import HostSystem
import SystemPackage
import Testing

@Suite struct SystemErrorTests {
    struct Row: Sendable { var code: Errno; var sentence: String; var hasRemedy: Bool }

    @Test(arguments: [
        Row(code: .noSpace, sentence: "cannot write /proc/x: no space left on the device", hasRemedy: true),
        Row(code: .tooManyOpenFiles, sentence: "cannot write /proc/x: this process has too many open files", hasRemedy: true),
        Row(code: .readOnlyFileSystem, sentence: "cannot write /proc/x: the file system is read-only", hasRemedy: true),
        Row(code: .noSuchFileOrDirectory, sentence: "cannot write /proc/x: there is no such file or directory", hasRemedy: false),
        Row(code: .notDirectory, sentence: "cannot write /proc/x: a part of the path is not a directory", hasRemedy: false),
    ])
    func saysWhatFailed(_ row: Row) {
        let error = SystemError("write", path: "/proc/x", code: row.code)
        #expect("\(error)" == row.sentence)
        #expect((error.remedy != nil) == row.hasRemedy)
    }

    @Test func aFullDiskIsNamed() {
        let error = SystemError("write", path: "/proc/x/y", code: .noSpace)
        #expect(error.remedy?.contains("the file system at /proc is full") == true)
        #expect(error.remedy?.contains("jettison image prune") == true)
    }

    @Test func theKernelsWordsAreKept() {
        let error = SystemError("mount", path: nil, code: .invalidArgument, detail: "no such option")
        #expect("\(error)" == "cannot mount: the kernel refused the argument (no such option)")
    }

    @Test func pathsComeFromTheCall() {
        #expect { try Directory(opening: "/nowhere/at/all") } throws: {
            "\($0)" == "cannot open the directory /nowhere/at/all: there is no such file or directory"
        }
    }
}
