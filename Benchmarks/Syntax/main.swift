// swift run -c release syntax-bench fuzz COUNT [SEED] [FILE ...]
//     COUNT texts made from the seed and the files through everything that happens before a build touches the world.
// swift run -c release syntax-bench time [PART OF A NAME]
//     How long large Dockerfiles take, beside counting the lines of the same bytes.

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "fuzz": Fuzzer.run(Array(arguments.dropFirst()))
case "time": Timing.run(arguments.count > 1 ? arguments[1] : "")
default: print("usage: syntax-bench fuzz COUNT [SEED] [FILE ...] | syntax-bench time [NAME]")
}
