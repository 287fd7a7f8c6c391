import Foundation
import Testing

@Suite("Many processes at once")
struct RaceTests {
    /// `tools/lifecycle race` runs the long form.
    @Test("Of 32 processes that migrate at once one applies, 31 have nothing to do, none complains")
    func migrate() throws {
        let store = try TestStore()
        try ShopProjection.write(to: store.projections)
        try store.succeed("init", "--no-migrate", "--projections", store.projections.path)
        try store.succeed(["import", "-"], input: ShopProjection.events)
        for _ in 0..<2 {
            let started = try (0..<32).map { _ in try store.start(["migrate", "--json"]) }
            let runs = try started.map { try $0.wait() }
            var applied: [Int] = []
            for run in runs {
                #expect(run.status == 0 && run.error.isEmpty, "\(run.output)\(run.error)")
                let document = try run.json
                let count = try #require(document["applied"] as? [Any]).count
                #expect((document["message"] as? String == "nothing to do") == (count == 0))
                applied.append(count)
            }
            #expect(applied.sorted() == Array(repeating: 0, count: 31) + [4])
            #expect(try store.projection("shop")["version"] as? Int == 10)
            #expect(try store.projection("shop")["lag"] as? Int == 0)
            try store.succeed("rollback", "--to", "0", "--yes")
        }
    }
}
