/**
 * The static settings, {@code understudy.*}, and the messages about wrong ones at start.
 *
 * <p>Deliberately absent: the dynamic file, which is read in {@code config}.
 */
@NullMarked
package dev.understudy.settings;

import org.jspecify.annotations.NullMarked;
