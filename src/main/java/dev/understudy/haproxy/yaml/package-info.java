/**
 * A tree of YAML with comments, and its text.
 *
 * <p>Deliberately absent: reading of YAML, and SnakeYAML, which writes the comments of a list's
 * item behind its dash, and an item in braces below a comment without indentation.
 */
@NullMarked
package dev.understudy.haproxy.yaml;

import org.jspecify.annotations.NullMarked;
