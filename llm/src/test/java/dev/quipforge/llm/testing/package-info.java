/** Fixtures for tests of this and other modules: small models made from a seed, and the demo model. */
@NullMarked
package dev.quipforge.llm.testing;

import org.jspecify.annotations.NullMarked;
