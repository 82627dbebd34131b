package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Report;
import dev.quipforge.cli.terminal.Text;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A report as people read it. */
final class Tables {

    private static final MathContext FOUR_DIGITS = new MathContext(4);
    private static final int GAP = 2;

    private Tables() {}

    static String text(Report report) {
        List<String> lines = new ArrayList<>();
        report.setting().forEach((name, value) -> lines.add(name + ": " + cell(value)));
        lines.add("");
        lines.addAll(table(report.results()));
        if (!report.yardsticks().isEmpty()) {
            lines.add("");
            report.yardsticks().forEach((name, value) -> lines.add("yardstick " + name + ": " + cell(value)));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static List<String> table(List<Map<String, Object>> rows) {
        List<String> columns =
                rows.isEmpty() ? List.of() : List.copyOf(rows.getFirst().keySet());
        List<StringBuilder> lines = new ArrayList<>();
        for (int i = 0; i <= rows.size(); i++) {
            lines.add(new StringBuilder());
        }
        for (String column : columns) {
            List<String> cells = new ArrayList<>(List.of(column));
            rows.forEach(row -> cells.add(cell(row.getOrDefault(column, ""))));
            int width = cells.stream().mapToInt(String::length).max().orElse(0) + GAP;
            for (int i = 0; i < cells.size(); i++) {
                lines.get(i).append(Text.column(cells.get(i), width));
            }
        }
        return lines.stream().map(line -> line.toString().stripTrailing()).toList();
    }

    private static String cell(Object value) {
        return switch (value) {
            case Optional<?> some -> some.<String>map(Tables::cell).orElse("-");
            case Double number -> new BigDecimal(number).round(FOUR_DIGITS).toPlainString();
            default -> value.toString();
        };
    }
}
