/// A pure graph; filled in by the planner.
package struct BuildGraph: Sendable { package init() {} }
