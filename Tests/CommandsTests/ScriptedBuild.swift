import BuildSolver
import Diagnostics
import Execution
import ImageBuild
import OCI

/// A build as a list of events with their times, for the displays to draw.
struct ScriptedBuild {
    typealias Script = [(time: Double, event: BuildEvent)]

    static let file = SourceFile(
        name: "Dockerfile",
        text: """
            FROM golang:bookworm AS builder
            WORKDIR /src
            COPY . .
            RUN go build -o /server .
            FROM debian AS docs
            RUN make html
            FROM scratch
            COPY --from=builder /server /server
            """)

    static func step(_ id: Int, _ stage: String, _ index: Int, _ position: Int, of count: Int) -> BuildStep {
        // The fixture has one step a line.
        let origin = SourceRange(file: file, bytes: file.bytesOfLine(id) ?? 0..<0)
        return BuildStep(
            id: id, stage: stage, stageIndex: index, position: position, count: count, title: origin.text,
            origin: origin)
    }

    static let steps = [
        step(1, "builder", 0, 1, of: 4), step(2, "builder", 0, 2, of: 4), step(3, "builder", 0, 3, of: 4),
        step(4, "builder", 0, 4, of: 4), step(5, "docs", 1, 1, of: 2), step(6, "docs", 1, 2, of: 2),
        step(7, "2", 2, 1, of: 2), step(8, "2", 2, 2, of: 2),
    ]

    static func output(_ id: Int, _ text: String, _ stream: ProcessOutput.Stream = .stdout) -> BuildEvent {
        .output(id: id, ProcessOutput(stream, Array(text.utf8)))
    }

    /// Cached steps, one that runs with output, a stage nobody needs.
    static let success: Script = [
        (0, .planned(steps)),
        (0, .skipped(id: 5, reason: "not needed for the final stage")),
        (0, .skipped(id: 6, reason: "not needed for the final stage")),
        (0, .started(id: 1)), (0.01, .cached(id: 1)), (0.01, .started(id: 2)), (0.02, .cached(id: 2)),
        (0.02, .started(id: 7)), (0.02, .cached(id: 7)),
        (0.1, .started(id: 3)),
        (0.3, .completed(id: 3, seconds: 0.2, bytes: 12_345, reason: "the copied files changed")),
        (0.3, .started(id: 4)), (1, output(4, "go: downloading ", .stderr)),
        (1.1, output(4, "example.com/x v1.2.3\n10%\r50%\r100%\n", .stderr)),
        (2, output(4, "\u{1B}[32mok\u{1B}[0m\tcompiled")),
        (12.7, .completed(id: 4, seconds: 12.4, bytes: 8_130_000, reason: "the step below it ran again")),
        (12.7, .started(id: 8)), (12.8, .completed(id: 8, seconds: 0.1, bytes: 8_130_000, reason: nil)),
        (12.8, .activity(name: "exporting layers", detail: "1 of 1", done: false)),
        (13.1, .activity(name: "exporting layers", detail: "", done: true)),
    ]

    static let failure: Script = [
        (0, .planned(steps)), (0, .started(id: 1)), (0, .cached(id: 1)), (0.1, .started(id: 4)),
        (1, output(4, "# server\n./main.go:3:8: undefined: x\n", .stderr)),
        (1.5, .failed(id: 4, message: "exit code 1")),
    ]

    static func report() throws -> BuildReport {
        let certificates = "COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt"
        let rows = [
            Ledger.Row(
                title: "COPY --from=builder /server /server", line: 12,
                size: .init(unpacked: 8_130_000, compressed: 3_020_000)),
            Ledger.Row(title: certificates, line: 13, size: .init(unpacked: 210_450, compressed: 120_311)),
            Ledger.Row(title: "RUN true", line: 104, size: .init(unpacked: 0, compressed: 32)),
        ]
        let ledger = Ledger(
            baseName: "debian:bookworm-slim", base: .init(unpacked: 74_800_000, compressed: 28_200_000), rows: rows,
            jettisoned: [
                .init(stage: "builder", bytes: 412_000_000, baseBytes: 380_000_000),
                .init(stage: "assets", bytes: 1_200_000, baseBytes: 0),
            ],
            skippedStages: ["docs", "lint"], cachedSteps: 5, ranSteps: 2, seconds: 12.44)
        return BuildReport(
            imageID: Digest.sha256(of: "config"),
            manifest: Descriptor(mediaType: .manifest, digest: Digest.sha256(of: "manifest"), size: 482),
            references: [try Reference(parsing: "app:1.0"), try Reference(parsing: "registry.example:5000/team/app")],
            ledger: ledger, warnings: [])
    }
}
