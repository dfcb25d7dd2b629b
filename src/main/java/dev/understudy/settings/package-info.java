/**
 * The static settings, {@code understudy.*}, and what is said of a wrong one at start.
 *
 * <p>Deliberately absent: the dynamic file, which is {@code config}'s.
 */
@NullMarked
package dev.understudy.settings;

import org.jspecify.annotations.NullMarked;
