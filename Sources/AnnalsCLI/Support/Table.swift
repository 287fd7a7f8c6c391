/// Rows in aligned columns.
struct Table {
    /// On which side a column is flush.
    enum Alignment {
        case left
        case right
    }

    /// A column's title and alignment.
    struct Column {
        let title: String
        let alignment: Alignment

        /// A column of text.
        static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }
        /// A column of numbers.
        static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []
    private var widths: [Int]

    /// Makes a table without rows.
    init(_ columns: [Column]) {
        self.columns = columns.map {
            Column(title: DisplayText.escaped($0.title), alignment: $0.alignment)
        }
        widths = self.columns.map { DisplayText.width($0.title) }
    }

    /// Adds a row with one cell per column; what would steer the terminal is written out.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        let row = cells.map(DisplayText.escaped)
        widen(to: row.map(DisplayText.width))
        rows.append(row)
    }

    /// Makes room for rows that are not added but written one by one.
    mutating func widen(to widths: [Int]) {
        for index in self.widths.indices {
            self.widths[index] = max(self.widths[index], widths[index])
        }
    }

    /// The line of a row that was not added; its cells are free of what would steer the terminal.
    func line(escaped cells: [String]) -> String { line(cells) { $0 } }

    /// The title line and the rows, two spaces between columns and none at the ends of lines.
    ///
    /// - Parameter style: paints a cell; what it adds must not take columns.
    func lines(style: (_ cell: String) -> String = { $0 }) -> [String] {
        [line(columns.map(\.title)) { $0 }] + rows.map { line($0, style) }
    }

    private func line(_ cells: [String], _ style: (String) -> String) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let gap = String(repeating: " ", count: widths[index] - DisplayText.width(cell))
            let painted = style(cell)
            line += columns[index].alignment == .right ? gap + painted : painted + gap
            if index < cells.count - 1 { line += "  " }
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
