import Diagnostics
import HostSystem
import Testing

@testable import Commands

struct DoctorReportTests {
    private static let capabilities = [
        HostCapability("root", .available, "running as root", isRequired: true),
        HostCapability("crun", .missing, "not installed", remedy: "apt-get install crun", isRequired: true),
        HostCapability("memory-limit", .limited, "no writable group", remedy: "run as root"),
        // A remedy of something that is there is not advice.
        HostCapability("runc", .available, "/usr/sbin/runc", remedy: "apt-get install runc"),
    ]

    @Test func text() throws {
        let report = DoctorReport(root: "/store", capabilities: Self.capabilities)
        #expect(!report.isReady)
        try Golden("doctor.txt").expect(report.text(style: .plain) + report.json.pretty + "\n")
    }

    @Test func optionalThingsDoNotStopBuilds() {
        let report = DoctorReport(root: "/store", capabilities: Self.capabilities.filter { $0.name != "crun" })
        #expect(report.isReady)
        #expect(report.text(style: .plain).hasSuffix("\nready: builds work here, with everything in /store\n"))
    }
}
