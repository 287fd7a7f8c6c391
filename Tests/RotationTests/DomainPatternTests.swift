import RotationProjection
import Testing

@Suite("Patterns of domains")
struct DomainPatternTests {
    @Test(
        "C9 X2.12 a star spans dots, case makes no difference, *.x matches x, other signs mean themselves",
        arguments: [
            ("example.com", "EXAMPLE.com", true), ("example.com", "www.example.com", false),
            ("*.google.com", "mail.google.com", true), ("*.google.com", "a.b.google.com", true),
            ("*.google.com", "google.com", true), ("*.google.com", "notgoogle.com", false),
            ("*", "anything.at.all", true), ("*", "", true), ("", "", true), ("", "a", false),
            ("a*b*c", "a.x.b.y.c", true), ("a*b*c", "a.x.c.y.b", false), ("a**c", "abc", true),
            ("api-?.com", "api-1.com", false), ("a+b.com", "aab.com", false),
            ("(a|b).com", "a.com", false), ("x.*", "x.", true), ("x.*", "x", false),
            ("*a", "bbbbba", true), ("*ab", "aaaab", true), ("*ab", "aaaba", false),
        ])
    func matching(pattern: String, domain: String, expected: Bool) {
        #expect(DomainPattern(pattern).matches(domain) == expected)
    }

    /// The definition, word for word: a star takes nothing, or one more byte.
    private func reference(_ pattern: Substring, _ name: Substring) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return reference(pattern.dropFirst(), name)
                || !name.isEmpty && reference(pattern, name.dropFirst())
        }
        return name.first == first && reference(pattern.dropFirst(), name.dropFirst())
    }

    @Test(
        "C9 20,000 random patterns match what the definition says", arguments: [1, 2] as [UInt64])
    func property(seed: UInt64) {
        var dice = SeededDice(state: seed)
        func text(_ letters: String, _ most: Int) -> String {
            String(
                (0..<Int.random(in: 0...most, using: &dice)).map { _ in
                    letters.randomElement(using: &dice) ?? "a"
                })
        }
        var matched = 0
        for _ in 0..<10_000 {
            let (pattern, name) = (text("ab.*", 7), text("ab.", 9))
            var expected = reference(pattern[...], name[...])
            if pattern.hasPrefix("*."), name == pattern.dropFirst(2) { expected = true }
            #expect(DomainPattern(pattern).matches(name) == expected, "\(pattern) \(name)")
            if expected { matched += 1 }
        }
        #expect(matched > 500)
    }
}
