/**
 * The dynamic file: reads its text into an immutable model or the list of all its problems, and
 * watches the file.
 *
 * <p>The steps: text, tree with positions ({@link dev.understudy.config.TreeReader}), check of the
 * shape against the raw records ({@link dev.understudy.config.ShapeCheck}), values in records
 * ({@link dev.understudy.config.RecordReader}), and checks across several values (the mappers).
 * Every step adds to the same {@link dev.understudy.config.Problems} and skips values that an
 * earlier step has reported.
 *
 * <p>Deliberately absent: Spring Cloud Gateway (see {@link dev.understudy.config.RouteChecker}) and
 * the effect of a new model on the running proxy.
 */
@NullMarked
package dev.understudy.config;

import org.jspecify.annotations.NullMarked;
