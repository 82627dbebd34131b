package dev.quipforge.cli.terminal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;

/** Figures as people read them. */
public final class Text {

    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};
    private static final int STEP = 1000;
    private static final String BLOCKS = "▁▂▃▄▅▆▇█";

    private Text() {}

    /** {@code 12.3 MB}. */
    public static String bytes(long bytes) {
        int unit = 0;
        double value = (double) bytes;
        while (value >= STEP && unit < UNITS.length - 1) {
            value /= STEP;
            unit++;
        }
        return unit == 0 ? "%d B".formatted((long) value) : number(value, 1) + " " + UNITS[unit];
    }

    /** {@code 8.2 s}, {@code 1:05}, {@code 1:02:03}. */
    public static String duration(double seconds) {
        if (seconds < 10) {
            return number(seconds, 1) + " s";
        }
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }

    /** A number with so many decimals. */
    public static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** A number with so many digits that count, such as {@code 0.01234}. */
    public static String significant(double value, int digits) {
        return value == 0 || !Double.isFinite(value)
                ? number(value, 0)
                : new BigDecimal(value)
                        .round(new MathContext(digits))
                        .stripTrailingZeros()
                        .toString();
    }

    /** The course of values as a line of blocks, the least lowest: {@code █▅▂▁}. */
    public static String curve(List<Double> values) {
        double least = values.stream().mapToDouble(value -> value).min().orElse(0);
        double most = values.stream().mapToDouble(value -> value).max().orElse(0);
        StringBuilder line = new StringBuilder();
        for (double value : values) {
            double height = most > least ? (value - least) / (most - least) : 0;
            line.append(BLOCKS.charAt((int) Math.round(height * (BLOCKS.length() - 1))));
        }
        return line.toString();
    }

    /** {@code 42%}. */
    public static String percent(double fraction) {
        return Math.round(fraction * 100) + "%";
    }

    /** Padded on the right to {@code width}. */
    public static String column(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }
}
