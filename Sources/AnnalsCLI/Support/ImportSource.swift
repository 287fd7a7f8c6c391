/// A file to import.
struct ImportSource {
    /// Where it is; for standard input the private file that it was copied to.
    let path: String
    /// What people call it.
    let name: String
}
