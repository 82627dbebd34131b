package dev.quipforge.llm.safetensors;

import dev.quipforge.llm.InvalidModelException;
import java.util.SortedSet;

/** Tensors by name, in one file or in many. */
public interface TensorSource {

    /** The names of all tensors. */
    SortedSet<String> names();

    /** Whether there is a tensor of that name. */
    default boolean contains(String name) {
        return names().contains(name);
    }

    /**
     * The tensor of that name; its memory lives until the source is closed.
     *
     * @throws InvalidModelException when there is none
     */
    Tensor tensor(String name);
}
