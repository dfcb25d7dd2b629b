/**
 * A tree of YAML with comments, and its text.
 *
 * <p>Deliberately absent: reading of YAML, and libraries, as none keeps comments.
 */
@NullMarked
package dev.understudy.haproxy.yaml;

import org.jspecify.annotations.NullMarked;
