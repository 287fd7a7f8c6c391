package import EventModel

extension ProjectionDefinition {
    /// Everything that keeps a projection from being loaded: what is wrong with the manifest and with
    /// each file by itself, else what keeps them from fitting together.
    /// - Parameters:
    ///   - manifest: The manifest's name, as errors show it, and its bytes.
    ///   - files: The migrations' file names, without a folder, and their bytes.
    /// - Returns: at most one error for each file while one is wrong by itself; none when the
    ///   projection can be loaded.
    package static func problems(
        manifest: (name: String, bytes: [UInt8]), files: [(name: String, bytes: [UInt8])]
    ) -> [AnnalsError] {
        var found: [AnnalsError] = []
        do throws(AnnalsError) {
            _ = try Manifest(SourceText.decode(file: manifest.name, bytes: manifest.bytes))
        } catch {
            found.append(error)
        }
        for file in files {
            do throws(AnnalsError) {
                _ = try Migration.parse(file: file.name, bytes: file.bytes)
            } catch {
                found.append(error)
            }
        }
        guard found.isEmpty else { return found }
        do throws(AnnalsError) {
            return try load(manifest: manifest, files: files, isChecked: false)
                .consistencyProblems()
        } catch {
            return [error]
        }
    }
}
