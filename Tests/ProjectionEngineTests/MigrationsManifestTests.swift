import EventModel
import ProjectionEngine
import Testing

@Suite struct MigrationsManifestTests {
    @Test("A manifest gives modules by ascending range with their defaults")
    func good() throws {
        let definition = try MigrationsDraft(
            """
            # A comment.
            name: shop-2
            description: "What is sold: all of it"
            modules:
              - name: reports
                range: [20, 29]
                depends: [core]
                optional: true
                default: enabled
              - { name: core, range: [1, 19], description: goods }
              - { name: extra, range: [30, 999999], optional: true }
            """
        ).load()
        #expect(definition.name == "shop-2")
        #expect(definition.description == "What is sold: all of it")
        #expect(definition.modules.map(\.name) == ["core", "reports", "extra"])
        #expect(definition.modules.map(\.range) == [1...19, 20...29, 30...999_999])
        #expect(definition.modules.map(\.isOptional) == [false, true, true])
        #expect(definition.modules.map(\.isEnabledByDefault) == [true, true, false])
        #expect(definition.modules[0].description == "goods")
        #expect(definition.modules[1].depends == ["core"])
        #expect(definition.defaultModules == ["core", "reports"])
    }

    static let head = "name: shop\nmodules:\n"

    @Test(
        "A defective manifest is refused with line and column",
        arguments: [
            ("", "1:1 MANIFEST_SYNTAX"),
            ("name: [shop\n", "2:1 MANIFEST_SYNTAX"),
            ("name: shop\n\tmodules: []\n", "2:1 MANIFEST_SYNTAX"),
            ("name: shop\n---\nname: shop\n", "2:1 MANIFEST_SYNTAX"),
            ("- shop\n", "1:1 MANIFEST_VALUE"),
            ("name: shop\nname: two\nmodules: []\n", "1:1 MANIFEST_KEY"),
            ("name: shop\n", "1:1 MANIFEST_KEY"),
            (head + "  - { name: core }\n", "3:5 MANIFEST_KEY"),
            (head + "  - { name: core, range: [1, 9] }\nauthor: me\n", "4:1 MANIFEST_KEY"),
            (head + "  - { name: core, range: [1, 9], requires: [a] }\n", "3:34 MANIFEST_KEY"),
            (head + "  - core\n", "3:5 MANIFEST_VALUE"),
            ("name: shop\nmodules: core\n", "2:10 MANIFEST_VALUE"),
            ("name: shop\nmodules: []\n", "2:10 MANIFEST_VALUE"),
            ("name: 12\nmodules: []\n", "1:7 MANIFEST_VALUE"),
            ("name: Shop\nmodules: []\n", "1:7 MANIFEST_VALUE"),
            ("name: ../shop\nmodules: []\n", "1:7 MANIFEST_VALUE"),
            ("name: \"a/b\"\nmodules: []\n", "1:7 MANIFEST_VALUE"),
            ("name: \"\"\nmodules: []\n", "1:7 MANIFEST_VALUE"),
            ("name: a\(String(repeating: "a", count: 64))\nmodules: []\n", "1:7 MANIFEST_VALUE"),
            (head + "  - { name: co re, range: [1, 9] }\n", "3:13 MANIFEST_VALUE"),
            (head + "  - { name: core, range: 1-9 }\n", "3:26 MANIFEST_VALUE"),
            (head + "  - { name: core, range: [1] }\n", "3:26 MANIFEST_VALUE"),
            (head + "  - { name: core, range: [0, 9] }\n", "3:26 MANIFEST_VALUE"),
            (head + "  - { name: core, range: [9, 1] }\n", "3:26 MANIFEST_VALUE"),
            (head + "  - { name: core, range: [001, 011] }\n", "3:26 MANIFEST_VALUE"),
            (head + "  - { name: core, range: [\"1\", 9] }\n", "3:26 MANIFEST_VALUE"),
            (head + "  - { name: core, range: [1, 1000000] }\n", "3:26 MANIFEST_VALUE"),
            (head + "  - { name: core, range: [1, 9], optional: yes }\n", "3:44 MANIFEST_VALUE"),
            (
                head + "  - { name: core, range: [1, 9], optional: \"true\" }\n",
                "3:44 MANIFEST_VALUE"
            ),
            (head + "  - { name: core, range: [1, 9], default: enabled }\n", "3:43 MANIFEST_VALUE"),
            (
                head + "  - { name: core, range: [1, 9], optional: true, default: on }\n",
                "3:59 MANIFEST_VALUE"
            ),
            (head + "  - { name: core, range: [1, 9], depends: core }\n", "3:43 MANIFEST_VALUE"),
            (head + "  - { name: core, range: [1, 9], description: 7 }\n", "3:47 MANIFEST_VALUE"),
            (
                head + "  - { name: a, range: [1, 9] }\n  - { name: a, range: [10, 19] }\n",
                "4:13 MODULE_DUPLICATE"
            ),
            (
                head + "  - { name: a, range: [1, 9] }\n  - { name: b, range: [9, 19] }\n",
                "4:23 MODULE_RANGE"
            ),
            (head + "  - { name: a, range: [1, 9], depends: [b] }\n", "3:41 MODULE_DEPENDS"),
            (head + "  - { name: a, range: [1, 9], depends: [a] }\n", "3:41 MODULE_DEPENDS"),
            (
                head + "  - { name: a, range: [1, 9], depends: [b] }\n"
                    + "  - { name: b, range: [10, 19], depends: [a] }\n", "3:41 MODULE_DEPENDS"
            ),
            (
                head + "  - { name: a, range: [1, 9], depends: [b] }\n"
                    + "  - { name: b, range: [10, 19] }\n", "3:41 MODULE_DEPENDS"
            ),
            (
                head + "  - { name: a, range: [1, 9], optional: true }\n"
                    + "  - { name: b, range: [10, 19], depends: [a] }\n", "4:43 MODULE_DEPENDS"
            ),
            (
                head + "  - { name: a, range: [1, 9] }\n"
                    + "  - { name: b, range: [10, 19], depends: [a, a] }\n", "4:46 MANIFEST_VALUE"
            ),
        ])
    func bad(manifest: String, expected: String) {
        let error = #expect(throws: AnnalsError.self) { try MigrationsDraft(manifest).load() }
        let place = "\(error?.context.line ?? 0):\(error?.context.column ?? 0)"
        #expect("\(place) \(error?.code ?? "")" == expected, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix("projection.yaml:\(place): ") == true)
        #expect(error?.hint.isEmpty == false)
    }

    @Test("Overlapping ranges name both claimants, a circle all of its modules")
    func names() {
        let overlap = #expect(throws: AnnalsError.self) {
            try MigrationsDraft(
                Self.head + "  - { name: lsr, range: [5, 9] }\n  - { name: core, range: [1, 5] }\n"
            ).load()
        }
        #expect(overlap?.message.contains("`lsr` [5, 9] and `core` [1, 5]") == true)
        let circle = #expect(throws: AnnalsError.self) {
            try MigrationsDraft(
                Self.head + """
                      - { name: a, range: [1, 1], depends: [b] }
                      - { name: b, range: [2, 2], depends: [c] }
                      - { name: c, range: [3, 3], depends: [a] }
                    """
            ).load()
        }
        #expect(circle?.message.contains("a → b → c → a") == true)
    }

    @Test("A manifest that is not UTF-8 or has a byte-order mark is read as every file is")
    func encoding() throws {
        let text = "name: shop\nmodules: [{ name: core, range: [1, 9] }]\n"
        let marked = try ProjectionDefinition.load(
            manifest: ("projection.yaml", [0xEF, 0xBB, 0xBF] + text.utf8), files: [])
        #expect(marked.name == "shop")
        let error = #expect(throws: AnnalsError.self) {
            try ProjectionDefinition.load(
                manifest: ("projection.yaml", text.utf8 + [0xFF]), files: [])
        }
        #expect(error?.code == "FILE_ENCODING")
        #expect(error?.context.line == 3)
    }
}
