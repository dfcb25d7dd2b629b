/**
 * The dynamic file: its text becomes an immutable model, or the list of everything that is wrong
 * with it; and the watching of that file.
 *
 * <p>One way: text, tree of lines ({@link dev.understudy.config.TreeReader}), shape against the raw
 * records ({@link dev.understudy.config.ShapeCheck}), values through Boot's binder ({@link
 * dev.understudy.config.SliceBinder}), and what only several values together can tell (the
 * mappers). Every step adds to the same {@link dev.understudy.config.Problems}, and skips what an
 * earlier one has reported.
 *
 * <p>Deliberately absent: Spring Cloud Gateway (see {@link dev.understudy.config.RouteChecker}) and
 * what a new model does to what runs.
 */
@NullMarked
package dev.understudy.config;

import org.jspecify.annotations.NullMarked;
