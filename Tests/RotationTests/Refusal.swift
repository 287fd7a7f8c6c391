import RotationProjection
import Testing

/// Expects that an operation is refused for exactly this reason.
func refused(
    _ reason: RotationError.Reason, at place: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    await #expect(sourceLocation: place) {
        try await body()
    } throws: { error in
        (error as? RotationError)?.reason == reason
    }
}
