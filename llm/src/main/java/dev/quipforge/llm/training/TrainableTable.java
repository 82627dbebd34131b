package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.format.TableCodes;
import dev.quipforge.llm.weights.LinearTransform;

/**
 * The table of values of a quantized linear in training. What the rounding made, A = diag(SV) Um Ŵ Unᵀ diag(SU), is a linear
 * function of it: every value of Ŵ is an entry of the table, some with the other sign. A is made again only when the table has
 * changed, so once a step, however many batches it has.
 */
final class TrainableTable {

    private final Parameter table;
    private final TableCodes codes;
    private final LinearTransform transform;
    private final Matrix weight;
    private int version;

    /**
     * A table in training.
     *
     * @param table its values
     * @param codes which entry every value of Ŵ is
     * @param transform that makes A of Ŵ
     * @param weight A, made of the table as it is now
     */
    TrainableTable(Parameter table, TableCodes codes, LinearTransform transform, Matrix weight) {
        this.table = table;
        this.codes = codes;
        this.transform = transform;
        this.weight = weight;
        this.version = table.version();
    }

    /** The table. */
    Parameter parameter() {
        return table;
    }

    /** Makes A of the table if it has changed. */
    void refresh() {
        if (version != table.version()) {
            codes.decode(table.value(), weight);
            transform.apply(weight);
            version = table.version();
        }
    }

    /**
     * Adds the gradient with respect to the table.
     *
     * @param gradient with respect to A; overwritten
     */
    void pullBack(Matrix gradient) {
        transform.applyTransposed(gradient);
        codes.addGradient(gradient, table.gradient());
    }
}
