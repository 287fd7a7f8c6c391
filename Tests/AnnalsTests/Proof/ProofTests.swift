import AnnalsTesting
import EventModel
import Foundation
import ProjectionEngine
import Testing

@testable import Annals

@Suite("Proof of Up and Down")
struct ProofTests {
    private func proof(_ proofCase: ProofCase) async throws -> MigrationProof {
        let temporary = try proofCase.store()
        let proofs = try await temporary.store.prove()
        #expect(proofs.map(\.projection) == ["warehouse"])
        #expect(proofs.first?.migrations.map(\.number) == [1, 2])
        let base = try #require(proofs.first?.migrations.first)
        #expect(base.isProven, "the base is right: \(base.differences.map(\.summary))")
        return try #require(proofs.first?.migrations.last)
    }

    @Test("A wrong Down is found, and the table named", arguments: ProofCase.wrong)
    func wrong(_ proofCase: ProofCase) async throws {
        let proof = try await proof(proofCase)
        #expect(proof.isFailed && !proof.isProven)
        #expect(proof.down == .differs, "\(proof.differences.map(\.summary))")
        let difference = try #require(proof.differences.first { $0.check == .down })
        #expect(difference.refusal == nil, "\(difference.summary)")
        #expect(difference.content.map(\.table) == [proofCase.table])
        let content = try #require(difference.content.first)
        #expect(content.object != nil || content.rows > 0)
        #expect(content.expected != content.found)
    }

    @Test("A right Down is accepted", arguments: ProofCase.right)
    func right(_ proofCase: ProofCase) async throws {
        let proof = try await proof(proofCase)
        #expect(proof.down == .proven, "\(proof.differences)")
        #expect(proof.roundTrip == .proven, "\(proof.differences)")
        #expect(proof.isProven && !proof.isFailed)
    }

    @Test("There are twenty of each and more")
    func counts() {
        #expect(ProofCase.wrong.count >= 20 && ProofCase.right.count >= 20)
    }

    @Test(
        "The example has the row, the column and both values",
        arguments: [
            ("integer turned into text", "note", RowValue.integer(7), RowValue.text("7")),
            ("real rounded", "price", .real(10.25), .real(10.3)),
            ("trailing spaces cut", "code", .text("x  "), .text("x")),
            ("blob turned into text", "data", .blob(Array("abc".utf8)), .text("abc")),
            ("changed value", "size", .integer(3), .integer(4)),
        ])
    func example(_ name: String, _ column: String, _ was: RowValue, _ found: RowValue) async throws
    {
        let planted = try #require(ProofCase.wrong.first { $0.name == name })
        let content = try #require(try await proof(planted).differences.first?.content.first)
        #expect(content.rows == 1)
        #expect(content.key.map(\.column) == ["id"])
        #expect(content.key.map(\.value) == [.text("a")])
        #expect(
            content.expected.map(\.column) == [column] && content.found.map(\.column) == [column])
        #expect(content.expected.map(\.value) == [was] && content.found.map(\.value) == [found])
    }

    @Test("Missing rows are counted, also those of equal or empty content")
    func counted() async throws {
        for (name, rows) in [
            ("rows only with NULL lost", 1), ("equal rows merged", 1), ("dropped row", 1),
        ] {
            let planted = try #require(ProofCase.wrong.first { $0.name == name })
            let content = try #require(try await proof(planted).differences.first?.content.first)
            #expect(content.rows == rows, "\(name)")
            #expect(content.found.isEmpty && !content.expected.isEmpty, "\(name)")
        }
    }

    @Test("A Down that the rows refuse is not proven, and the refusal is told")
    func refused() async throws {
        let proof = try await proof(
            ProofCase(
                name: "unique where it is not",
                down: """
                    ALTER TABLE item DROP COLUMN weight;
                    CREATE UNIQUE INDEX loose_tag ON loose (tag);
                    """))
        #expect(proof.down == .differs && proof.roundTrip == .differs)
        let refusal = try #require(proof.differences.first?.refusal)
        #expect(refusal.code == "SQL_ERROR" && refusal.context.file == "002_step.sql")
    }

    @Test("An Up that only an empty table takes proves its Down, and is not run in place")
    func upOnEmptyOnly() async throws {
        let proof = try await proof(
            ProofCase(
                name: "default by an expression",
                up: "ALTER TABLE item ADD COLUMN weight INTEGER NOT NULL DEFAULT (unixepoch());",
                down: "ALTER TABLE item DROP COLUMN weight;"))
        #expect(proof.down == .proven && proof.roundTrip == .replay && proof.inPlace == .differs)
        #expect(!proof.isFailed)
    }

    @Test("In place is proven when nothing is to be back-filled, and differs when something is")
    func inPlace() async throws {
        let column = try #require(ProofCase.right.first { $0.name == "column" })
        #expect(try await proof(column).inPlace == .proven)
        let table = try #require(ProofCase.right.first { $0.name == "table of a new event" })
        let proof = try await proof(table)
        #expect(proof.inPlace == .differs && proof.isProven)
        #expect(proof.differences.map(\.check) == [.inPlace])
        #expect(proof.differences.first?.content.map(\.table) == ["visit"])
    }

    @Test("The proof says how much it covered, and which tables had nothing to compare")
    func coverage() async throws {
        let column = try #require(ProofCase.right.first { $0.name == "column" })
        let full = try await column.store().store.prove()[0].migrations[1]
        #expect(full.events == 10 && full.rows == 3 && full.tablesWithoutRows.isEmpty)
        let empty = try await column.store([]).store.prove()[0].migrations[1]
        #expect(empty.isProven && empty.events == 0 && empty.tablesWithoutRows == ["item"])
    }
}
