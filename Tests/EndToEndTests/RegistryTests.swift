import HostSystem
import TestSupport
import Testing

/// The program against a real registry, and beside the tools of the field.
struct RegistryTests {
    private func workspace() async throws -> Workspace {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write("FROM base:test\nCOPY greeting /greeting\nRUN cat /greeting > /copy\n", to: "c/Dockerfile")
        try await workspace.write("hello\n", to: "c/greeting")
        return workspace
    }

    /// Online, with nobody's credentials.
    private static let online = "unset JETTISON_OFFLINE REGISTRY_AUTH_FILE DOCKER_AUTH_CONFIG; export HOME=$PWD DOCKER_CONFIG=$PWD/docker XDG_CONFIG_HOME=$PWD/config; "

    @Test(.enabled(if: Needs.containers)) func buildsPushesPullsAndBuildsOn() async throws {
        try await RegistryProcess.run { registry in
            let workspace = try await workspace()
            let name = registry.name + "/team/app"
            let id = try await workspace.run(Self.online + "jettison build -q --push -t \(name):1 c")
            // On another machine.
            try await workspace.write("FROM \(name):1\nRUN cat /copy > /again\n", to: "d/Dockerfile")
            let other = Self.online + "export JETTISON_ROOT=$PWD/other; "
            let built = try await workspace.run(other + "jettison build --metadata-file m -t next -o type=image -o type=tar,dest=out.tar d 2>log; tar -xOf out.tar again; jq -r '.[\"jettison.bases\"][]' m")
            let digest = try await workspace.run("skopeo inspect --tls-verify=false --format '{{.Digest}}' docker://\(name):1")
            #expect(built.hasSuffix("hello\n\(name):1@\(digest)"))
            #expect(try await workspace.run("cat log").contains("# pulling \(name):1 \(digest.dropLast()) done\n"))
            #expect(try await workspace.run(other + "jettison inspect --format '{{.Id}}' \(name):1") == id)
            // Once it is here, nobody is asked.
            let before = registry.log.count
            try await workspace.run(other + "jettison build -q d; touch d/x; jettison build -q --no-cache d")
            #expect(registry.log.count == before)
            try await workspace.run(other + "jettison build -q --pull d")
            #expect(registry.log.count > before)
        }
    }

    @Test(.enabled(if: Needs.containers)) func pullTakesTheNewerBase() async throws {
        try await RegistryProcess.run { registry in
            let workspace = try await workspace()
            let name = registry.name + "/base"
            try await workspace.write("FROM \(name)\nRUN cat /copy\n", to: "d/Dockerfile")
            let other = Self.online + "export JETTISON_ROOT=$PWD/other; "
            let build = "jettison build --progress plain d 2>&1 | grep -o '| hello.*' || echo cached"
            try await workspace.run(Self.online + "jettison build -q -o type=registry -t \(name) c")
            #expect(try await workspace.run(other + build) == "| hello\n")
            try await workspace.run("echo hello again > c/greeting")
            try await workspace.run(Self.online + "jettison build -q -o type=image,name=\(name),push=true c")
            #expect(try await workspace.run(other + build) == "cached\n")
            #expect(try await workspace.run(other + "jettison build --pull --progress plain d 2>&1 | grep -o '| hello.*'") == "| hello again\n")
        }
    }

    @Test func wordsOfPullAndPush() async throws {
        try await RegistryProcess.run { registry in
            let workspace = try await workspace()
            let name = registry.name + "/app"
            let script = Self.online + """
                jettison tag base:test \(name):1
                jettison push \(name):1 2>/dev/null | sed -E 's/sha256:[0-9a-f]{64} size: [0-9]+/D/'
                jettison push -q \(name):1
                jettison pull \(name):1 2>/dev/null | sed -E 's/sha256:[0-9a-f]{64}/D/'
                export JETTISON_ROOT=$PWD/other
                jettison pull \(name):1 2>/dev/null | sed -E 's/sha256:[0-9a-f]{64}/D/'
                jettison pull -q \(name)@$(jettison images --digests --format '{{.Digest}}')
                jettison pull \(name):11 2>&1; echo $?
                jettison pull \(registry.name)/none 2>&1; echo $?
                jettison push nothing 2>&1; echo $?
                JETTISON_OFFLINE=1 jettison pull \(name):1 2>&1; echo $?
                jettison pull --platform linux/s390x \(name)@sha256:1 2>&1; echo $?
                """
            let said = try await workspace.run(script).replacing(registry.name, with: "HOST").split(separator: "\n").map(String.init)
            #expect(said.prefix(8) == [
                "1: digest: D", "HOST/app:1", "Digest: D", "Status: Image is up to date for HOST/app:1", "HOST/app:1", "Digest: D",
                "Status: Downloaded newer image for HOST/app:1", "HOST/app:1",
            ])
            #expect(said[8].hasPrefix("HOST/app@sha256:"))
            #expect(said.contains("error: HOST has no image HOST/app:11"))
            #expect(said.contains("  = help: did you mean \"HOST/app:1\"?"))
            #expect(said.contains("error: HOST has no image HOST/none:latest"))
            #expect(said.contains("error: JETTISON_OFFLINE is set: no registry is asked for anything"))
            #expect(said.filter { $0 == "1" }.count == 4 && said.filter { $0 == "64" }.count == 1)
        }
    }

    @Test func loginAndLogout() async throws {
        try await RegistryProcess.run(.password) { registry in
            let workspace = try await workspace()
            let script = Self.online + """
                jettison tag base:test \(registry.name)/app
                jettison push \(registry.name)/app 2>&1 | tail -2
                echo wrong | jettison login -u somebody --password-stdin \(registry.name) 2>&1; ls docker 2>&1
                echo secret | jettison login -u somebody --password-stdin http://\(registry.name)/ 2>&1
                stat -c %a docker/config.json
                jettison push -q \(registry.name)/app
                skopeo inspect --authfile docker/config.json --tls-verify=false --format '{{.Name}}' docker://\(registry.name)/app
                jettison logout \(registry.name); jettison logout \(registry.name)
                jettison pull -q \(registry.name)/app 2>&1 | head -1
                jettison login -u somebody \(registry.name) 2>&1 | head -1
                jettison login -u somebody -p x nohost 2>&1 | tail -2
                """
            let said = try await workspace.run(script).replacing(registry.name, with: "HOST").replacing(workspace.path, with: "DIR")
            let expected = """
                error: HOST shows HOST/app to nobody without credentials: it is private, or does not exist
                  = help: check the name; for a private one: jettison login HOST
                error: the credentials of "somebody" for HOST were refused (HOST says: UNAUTHORIZED: authentication required)
                  = help: check the user name and the password; some registries want a token instead of it
                ls: cannot access 'docker': No such file or directory
                The credentials are saved in DIR/docker/config.json
                Login Succeeded
                600
                HOST/app:latest
                HOST/app
                Removing login credentials for HOST
                Not logged in to HOST
                error: HOST shows HOST/app to nobody without credentials: it is private, or does not exist
                error: Give a user name and a password: -u USER --password-stdin.
                error: "nohost" is not the name of a registry
                  = help: a registry is HOST[:PORT], with a dot or a port in it, or localhost

                """
            #expect(said == expected)
        }
    }

    @Test func otherToolsPullWhatWePush() async throws {
        try await RegistryProcess.run { registry in
            let workspace = try await workspace()
            let name = registry.name + "/app"
            try await workspace.run(
                Self.online + """
                    jettison tag base:test \(name) && jettison push -q \(name)
                    unset DOCKER_CONFIG
                    skopeo copy -q --src-tls-verify=false docker://\(name) dir:skopeo
                    printf 'FROM \(name)\\n' > Containerfile
                    buildah --root $PWD/b --runroot $PWD/br --storage-driver vfs pull -q --tls-verify=false \(name)
                    podman --root $PWD/p --runroot $PWD/pr --storage-driver vfs pull -q --tls-verify=false \(name)
                    """)
            let id = try await workspace.run(Self.online + "jettison inspect --format '{{.Id}}' \(name)")
            let manifest = try await workspace.run("jq -r .config.digest skopeo/manifest.json")
            #expect(manifest == id)
        }
    }

    /// gzip, zstd, OCI and docker's formats, and an index of several platforms.
    @Test(arguments: [
        ("-f oci", "application/vnd.oci.image.layer.v1.tar+gzip"), ("-f v2s2", "application/vnd.docker.image.rootfs.diff.tar.gzip"),
        ("-f oci --dest-compress-format zstd", "application/vnd.oci.image.layer.v1.tar+zstd"),
    ])
    func wePullWhatOtherToolsPush(format: String, layer: String) async throws {
        try await RegistryProcess.run { registry in
            let workspace = try await workspace()
            let name = registry.name + "/app"
            try await workspace.run(
                Self.online + """
                    jettison save -o base.tar base:test
                    skopeo copy -q \(format) --dest-tls-verify=false docker-archive:base.tar docker://\(name)
                    printf 'FROM \(name)\\nCOPY Dockerfile /\\n' > Dockerfile
                    export JETTISON_ROOT=$PWD/other
                    jettison build -q -o type=tar,dest=out.tar . && tar -xOf out.tar Dockerfile | cmp - Dockerfile
                    """)
            let type = try await workspace.run("skopeo inspect --raw --tls-verify=false docker://\(name) | jq -r '.layers[0].mediaType'")
            #expect(type == layer + "\n")
        }
    }

    @Test func platformsOfAnIndex() async throws {
        try await RegistryProcess.run { registry in
            let workspace = try await workspace()
            let name = registry.name + "/multi"
            let script = Self.online + """
                jettison tag base:test \(registry.name)/one; jettison push -q \(registry.name)/one >/dev/null 2>&1
                skopeo copy -q --src-tls-verify=false docker://\(registry.name)/one dir:one
                config=$(jq -r .config.digest one/manifest.json | cut -d: -f2); layer=$(jq -r '.layers[0].digest' one/manifest.json | cut -d: -f2)
                jq -c '.architecture="arm64"|.variant="v8"' one/$config > arm.json
                jq -c --arg d "sha256:$(sha256sum < arm.json | cut -c1-64)" --argjson s $(stat -c %s arm.json) '.config.digest=$d|.config.size=$s' one/manifest.json > arm-manifest.json
                put() { curl -fsS -X PUT -H "Content-Type: $3" --data-binary @$2 http://\(registry.name)/v2/multi/$1; }
                blob() { curl -fsS -X PUT -H 'Content-Type: application/octet-stream' --data-binary @$1 "$(curl -fsS -X POST -i http://\(registry.name)/v2/multi/blobs/uploads/ | tr -d '\\r' | sed -n 's/^Location: //p')&digest=sha256:$(sha256sum < $1 | cut -c1-64)"; }
                blob one/$config; blob one/$layer; blob arm.json
                type=$(jq -r .mediaType one/manifest.json)
                entry() { printf '{"mediaType":"%s","digest":"sha256:%s","size":%s,"platform":{"os":"linux",%s}}' $type $(sha256sum < $1 | cut -c1-64) $(stat -c %s $1) "$2"; }
                for m in one/manifest.json arm-manifest.json; do put manifests/sha256:$(sha256sum < $m | cut -c1-64) $m $type; done
                printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s,%s]}' "$(entry one/manifest.json '"architecture":"amd64"')" "$(entry arm-manifest.json '"architecture":"arm64"')" > index.json
                put manifests/latest index.json application/vnd.oci.image.index.v1+json
                export JETTISON_ROOT=$PWD/other
                jettison pull -q --platform linux/arm64/v8 \(name) >/dev/null; jettison inspect --format '{{.Architecture}}' \(name)
                jettison pull -q \(name) >/dev/null; jettison inspect --format '{{.Architecture}}' \(name)
                jettison pull --platform linux/s390x \(name) 2>&1 | tail -2
                jettison tag \(name) \(registry.name)/copy; jettison push -q \(registry.name)/copy >/dev/null
                skopeo inspect --raw --tls-verify=false docker://\(registry.name)/copy | cmp - index.json && echo same
                export JETTISON_ROOT=$PWD/third; jettison pull -q \(name) >/dev/null
                jettison tag \(name) \(registry.name)/half; jettison push \(registry.name)/half 2>&1 | grep '^warning'
                """
            let said = try await workspace.run(script).replacing(registry.name, with: "HOST")
            #expect(said.hasSuffix("""
                arm64
                amd64
                error: HOST/multi:latest has no image for linux/s390x [base-platform]
                  = note: it has images for linux/amd64, linux/arm64
                same
                warning: of HOST/half:latest only the image for linux/amd64 is in the store, and only that is pushed [push-one-platform]

                """), "\(said)")
        }
    }

    /// Offline nothing is pushed; a registry whose disk has rotted is found out.
    @Test(.enabled(if: Needs.containers)) func wordsOfDamageAndOfNoNetwork() async throws {
        try await RegistryProcess.run { registry in
            let workspace = try await workspace()
            let name = registry.name + "/app"
            let script = Self.online + """
                jettison tag base:test \(name); jettison push -q \(name) >/dev/null
                JETTISON_OFFLINE=1 jettison build -q --push -t \(name):1 c 2>&1
                for blob in $(find \(registry.directory.path)/storage -name data -size +100k); do printf x | dd of=$blob bs=1 seek=5000 conv=notrunc status=none; done
                JETTISON_ROOT=$PWD/other jettison pull -q \(name) 2>&1 || true
                """
            let said = try await workspace.run(script).replacing(registry.name, with: "HOST")
            #expect(said.contains("JETTISON_OFFLINE is set: nothing is pushed [push-failed]"), "\(said)")
            #expect(said.contains("HOST sent other bytes for HOST/app:latest than it announced [pull-damaged]"), "\(said)")
        }
    }

    /// What a FROM says when its image is nowhere.
    @Test func unknownBases() async throws {
        try await RegistryProcess.run { registry in
            let workspace = try await workspace()
            let script = Self.online + """
                jettison tag base:test \(registry.name)/app:12-slim; jettison push -q \(registry.name)/app:12-slim >/dev/null
                jettison rmi \(registry.name)/app:12-slim >/dev/null
                printf 'FROM \(registry.name)/app:12-slin\\n' > Dockerfile; jettison build . 2>&1 | grep -v '^  = note'; echo
                printf 'FROM 127.0.0.1:1/app\\n' > Dockerfile; jettison build . 2>&1 | head -2
                """
            let said = try await workspace.run(script).replacing(registry.name, with: "HOST")
            let expected = """
                error: HOST has no image HOST/app:12-slin [image-not-found]
                 --> Dockerfile:1:6
                  |
                """
            #expect(said.hasPrefix(expected), "\(said)")
            #expect(said.contains("  = help: did you mean \"HOST/app:12-slim\"?"), "\(said)")
            #expect(said.contains("error: http://127.0.0.1:1/v2/: 127.0.0.1:1 refuses the connection [pull-failed]"), "\(said)")
        }
    }
}
