/**
 * Small files, such as settings, tokens, keys and the state: bounded reading, writing that is
 * repeated, and digests that identify content.
 *
 * <p>Deliberately absent: what stands in them; watching, which is {@code config}'s.
 */
@NullMarked
package dev.understudy.file;

import org.jspecify.annotations.NullMarked;
