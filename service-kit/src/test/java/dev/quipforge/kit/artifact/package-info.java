/** The contract of the artifact store, and a real S3 server to hold it against. */
@NullMarked
package dev.quipforge.kit.artifact;

import org.jspecify.annotations.NullMarked;
