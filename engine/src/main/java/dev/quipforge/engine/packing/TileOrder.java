package dev.quipforge.engine.packing;

import java.util.stream.IntStream;

/**
 * In which order the weights of a 16 × 16 tile are a sequence. A tile is 16 outputs × 16 inputs; the weight of output r and
 * input c has the index 16 · r + c.
 */
public enum TileOrder {
    /** Row by row: QTIP's plain layout. */
    ROWS {
        @Override
        int index(int position) {
            return position;
        }
    },

    /**
     * Eight successive weights are those that one thread of a warp holds of the first operand of a tensor-core product:
     * the order of QTIP's kernels.
     */
    FIRST_OPERAND {
        @Override
        int index(int position) {
            int lane = position >> 3;
            int register = (position >> 1) & 3;
            int row = 8 * (register & 1) + (lane >> 2);
            int column = 8 * (register >> 1) + 2 * (lane & 3) + (position & 1);
            return PackedTiles.SIDE * row + column;
        }
    },

    /** The same with the weights as the second operand, inputs down and outputs across: the order of EXL3. */
    SECOND_OPERAND {
        @Override
        int index(int position) {
            int output = ((position >> 5) & 7) + 8 * ((position >> 2) & 1);
            int input = (position & 1) + 2 * ((position >> 3) & 3) + 8 * ((position >> 1) & 1);
            return PackedTiles.SIDE * output + input;
        }
    };

    /** The index in the tile of a position in the sequence. */
    abstract int index(int position);

    /** For every position in the sequence the index in the tile: which column of tiles by rows goes there. */
    public int[] indices() {
        return IntStream.range(0, PackedTiles.TILE).map(this::index).toArray();
    }

    /** For every index in the tile the position in the sequence: which column of sequences goes there. */
    public int[] positions() {
        int[] positions = new int[PackedTiles.TILE];
        for (int position = 0; position < positions.length; position++) {
            positions[index(position)] = position;
        }
        return positions;
    }
}
