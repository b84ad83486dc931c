import HostSystem
import SystemPackage
import TestSupport
import Testing

/// The command lines that tutorials print, with the first word changed and nothing else.
@Suite(.enabled(if: Needs.containers, "builds need root and overlay mounts"))
struct TutorialCommandTests {
    @Test func theyWorkAsPrinted() async throws {
        let store = try await TutorialStore.shared.value
        let tutorial = try #require(try Tutorial.all().first { $0.name == "s23-node-two-stage" })
        let naive = try #require(try Tutorial.all().first { $0.name == "s14-node-single" })
        let directory = try TemporaryDirectory(prefix: "jettison-case-")
        let both = Array(try (naive.printed + "END OF THE FIRST\n" + tutorial.printed).utf8)
        let output = try await store.shell(Self.script, in: directory, tutorial, input: both)
        #expect(output.status == 0, "\(output.text)\(output.standardError)")
    }

    /// A store of its own, for pruning. Each line that begins with `docker` is a printed one.
    private static let script = #"""
        cd context
        while IFS= read -r line && [ "$line" != 'END OF THE FIRST' ]; do printf '%s\n' "$line"; done >Dockerfile.naive
        cat >Dockerfile
        cp -a "$JETTISON_ROOT/pristine" ../store; JETTISON_ROOT=$(cd ..; pwd)/store
        docker() { jettison "$@" 2>>../log; }
        fail() { echo "$*"; tail -n 40 ../log; exit 1; }
        says() { grep -q "$1" ../said || { cat ../said; fail "does not say: $1"; }; }

        docker build -t myapp:bloated . >/dev/null || fail 'build -t'
        docker images myapp:bloated >../said || fail images
        says '^myapp  *bloated  *[0-9a-f]\{12\} .*MB$'; [ "$(wc -l <../said)" = 2 ] || fail 'images NAME:TAG lists others'

        docker build -t myapp:optimized . >/dev/null || fail optimized
        docker build -t myapp:naive -f Dockerfile.naive . >/dev/null || fail 'build -f'
        docker images | grep myapp >../said || fail 'images | grep'
        says '^myapp  *naive '; says '^myapp  *optimized '

        docker history myapp:optimized >../said || fail history
        says '^IMAGE  *CREATED  *CREATED BY  *SIZE  *COMMENT$'; sed -n 2p ../said | grep -q 'CMD \["node"' || fail 'history is not newest first'

        docker build --target builder -t myapp:debug . >/dev/null || fail 'build --target'
        jettison run --rm myapp:debug sh -c 'test -d node_modules/typescript' || fail 'the target is not the builder'

        export DOCKER_BUILDKIT=1
        docker build -t myapp . >/dev/null || fail 'build -t myapp'
        docker history myapp:latest >/dev/null || fail 'history myapp:latest'
        docker history --no-trunc myapp:latest --format "{{.Size}}\t{{.CreatedBy}}" >../said || fail 'flags after the image'
        says "^[0-9.]*[kM]*B	RUN /bin/sh -c npm ci --only=production"; [ -z "$(grep '…' ../said)" ] || fail 'truncated'

        docker build --no-cache --progress=plain . 2>&1 | head -20 >../said
        jettison build --no-cache --progress=plain . 2>&1 | head -20 >../said
        says '^#1 .*FROM node:20-alpine'; [ "$(wc -l <../said)" = 20 ] || fail 'head'

        docker images --format "table {{.Repository}}\t{{.Tag}}\t{{.Size}}" >../said || fail 'images --format'
        says '^REPOSITORY  *TAG  *SIZE$'; says '^myapp  *latest  *[0-9.]*MB$'

        # The untagged images that building the same name twice leaves behind.
        docker build -t myapp:naive . >/dev/null || fail 'another naive'
        docker images --filter dangling=true -q >../said; [ -s ../said ] || fail 'nothing to prune'
        docker image prune -f >../said || fail 'image prune -f'
        docker images --filter dangling=true -q >../said; [ ! -s ../said ] || fail 'left after image prune'
        echo n | docker image prune -a >../said; docker images -q myapp:debug >../said; [ -s ../said ] || fail 'pruned without a yes'
        echo y | docker image prune -a >../said || fail 'image prune -a'
        docker images -q >../said; [ ! -s ../said ] || fail 'left after image prune -a'
        """#
}
