import Commands

@main
enum Jettison {
    static func main() async { await Root.run() }
}
