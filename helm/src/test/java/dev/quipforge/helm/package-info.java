/** Tests of the way out: the chart, the compose file, the Dockerfiles and the documents. */
@NullMarked
package dev.quipforge.helm;

import org.jspecify.annotations.NullMarked;
