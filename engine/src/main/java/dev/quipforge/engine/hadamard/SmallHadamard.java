package dev.quipforge.engine.hadamard;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Hadamard matrix M of small order K, as QuIP# and QTIP use it (Sloane's tables, here by their closed forms):
 * M · Mᵀ = K · I. Only 28 and 36 are symmetric.
 */
public final class SmallHadamard {

    /** The orders with their constructions, in the order in which divisibility is tried. */
    private static final List<Construction> CONSTRUCTIONS = List.of(
            new Williamson(
                    172,
                    "+---++--++++-+-+++-++--++-+++-+-++++--++---",
                    "++-++++++----+-+--++-++-++--+-+----++++++-+",
                    "+++-+-++--+-+-++++-+----+-++++-+-+--++-+-++",
                    "++---++++-+--+--++--------++--+--+-++++---+"),
            new Williamson(
                    156,
                    "+++--+-+-----+--++----++--+-----+-+--++",
                    "++++---+--++----+-+--+-+----++--+---+++",
                    "+++--++-+---+-+--+----+--+-+---+-++--++",
                    "+---++-+-+-----+++-++-+++-----+-+-++---"),
            new PaleyOne(140),
            new Williamson(
                    124,
                    "+--+++-+--+----++----+--+-+++--",
                    "+--+++-+--+----++----+--+-+++--",
                    "+-----+++-+-+--++--+-+-+++-----",
                    "++++++---+-+-++--++-+-+---+++++"),
            new Williamson(
                    116,
                    "++--+--+-+++-++++-+++-+--+--+",
                    "++++-++-+---++++++---+-++-+++",
                    "+-+---++--+-++++++-+--++---+-",
                    "+++---++--+-+----+-+--++---++"),
            new PaleyOne(108),
            new PaleyOne(60),
            new Williamson(52, "+-+--++++--+-", "+---++++++---", "++-+--++--+-+", "+----+--+----"),
            new PaleyTwo(36),
            new PaleyTwo(28),
            new PaleyOne(20),
            new PaleyOne(12),
            new Trivial());

    private static final Map<Integer, SmallHadamard> BUILT = new ConcurrentHashMap<>();

    private final int order;
    private final byte[] signs;

    private SmallHadamard(Construction construction) {
        this.order = construction.order();
        this.signs = new byte[order * order];
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < order; j++) {
                signs[i * order + j] = (byte) construction.sign(i, j);
            }
        }
    }

    /** All orders, largest first, 1 last: the order in which divisibility is tried. */
    public static List<Integer> orders() {
        return CONSTRUCTIONS.stream().map(Construction::order).toList();
    }

    /** The matrix of order K, one of {@link #orders()}. */
    public static SmallHadamard of(int order) {
        return BUILT.computeIfAbsent(order, SmallHadamard::build);
    }

    /** K. */
    public int order() {
        return order;
    }

    /** The element M[row, column]: 1 or −1. */
    public int sign(int row, int column) {
        return signs[row * order + column];
    }

    private static SmallHadamard build(int order) {
        Optional<Construction> construction =
                CONSTRUCTIONS.stream().filter(one -> one.order() == order).findFirst();
        return new SmallHadamard(construction.orElseThrow(() ->
                new IllegalArgumentException("Hadamard order: " + order + " (expected one of: " + orders() + ")")));
    }

    /** How the elements of one order are found. */
    private sealed interface Construction {

        int order();

        int sign(int row, int column);
    }

    /** Order 1, for powers of two. */
    private record Trivial() implements Construction {

        @Override
        public int order() {
            return 1;
        }

        @Override
        public int sign(int row, int column) {
            return 1;
        }
    }

    /** Paley's first construction over the prime q = order − 1 with q mod 4 = 3. */
    private record PaleyOne(int order) implements Construction {

        @Override
        public int sign(int row, int column) {
            if (column == 0 || row == column) {
                return 1;
            }
            return row == 0 ? -1 : legendre(row - column, order - 1);
        }
    }

    /** Paley's second construction over the prime q = order / 2 − 1 with q mod 4 = 1. */
    private record PaleyTwo(int order) implements Construction {

        @Override
        public int sign(int row, int column) {
            int half = order / 2;
            int i = row % half;
            int j = column % half;
            int conference = conference(i, j, half - 1);
            int identity = i == j ? 1 : 0;
            if (row < half) {
                return column < half ? conference + identity : conference - identity;
            }
            return column < half ? conference - identity : -conference - identity;
        }

        /** The symmetric conference matrix of order q + 1. */
        private static int conference(int i, int j, int q) {
            if (i == j) {
                return 0;
            }
            return i == 0 || j == 0 ? 1 : legendre(i - j, q);
        }
    }

    /** Williamson's construction from four symmetric circulants, given by their first rows. */
    private record Williamson(int order, String a, String b, String c, String d) implements Construction {

        /** Which circulant stands in each of the 4 × 4 blocks; lower case is negative. */
        private static final String[] BLOCKS = {"ABCD", "bAdC", "cDAb", "dcBA"};

        @Override
        public int sign(int row, int column) {
            int side = order / 4;
            char block = BLOCKS[row / side].charAt(column / side);
            int offset = Math.floorMod(column % side - row % side, side);
            int sign = first(Character.toUpperCase(block)).charAt(offset) == '+' ? 1 : -1;
            return Character.isUpperCase(block) ? sign : -sign;
        }

        private String first(char block) {
            return switch (block) {
                case 'A' -> a;
                case 'B' -> b;
                case 'C' -> c;
                default -> d;
            };
        }
    }

    /** Legendre symbol of a modulo the odd prime q: 1 for squares, −1 for others, 0 for multiples of q. */
    private static int legendre(int a, int q) {
        long power = 1;
        int base = Math.floorMod(a, q);
        for (int i = 0; i < (q - 1) / 2; i++) {
            power = power * base % q;
        }
        return power == q - 1 ? -1 : (int) power;
    }
}
