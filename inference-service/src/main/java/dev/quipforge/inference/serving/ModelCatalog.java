package dev.quipforge.inference.serving;

import java.util.List;

/** The models that can be served. */
public interface ModelCatalog {

    /** The names of all of them. */
    List<String> models();

    /** Whether there is a model of that name. */
    boolean contains(String model);

    /** The files of a model that there is; the caller closes them. */
    ModelFiles open(String model);
}
