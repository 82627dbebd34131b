/** What backends that compute in host memory share: workspaces, their accounting, copies. */
@NullMarked
package dev.quipforge.engine.compute.host;

import org.jspecify.annotations.NullMarked;
