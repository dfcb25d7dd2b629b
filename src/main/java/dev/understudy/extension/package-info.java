/**
 * Loads the jars of the directory {@code understudy.extensions}: filters and predicates of the
 * Gateway lane, and health checks, that are not ours. Nothing of it is loaded while the setting is
 * not set.
 *
 * <p>What an extension may use is Spring Cloud Gateway's API, the libraries below it, and {@link
 * dev.understudy.api}. All other classes of ours are hidden by {@link
 * dev.understudy.extension.ExtensionClassLoader}, so that every one of them may change.
 *
 * <p>Deliberately absent: loading while the process runs, because a class that is in use is never
 * unloaded for certain; beans and global filters, which would reach every route; and a class loader
 * for each jar, because jars may be libraries of one another.
 */
@NullMarked
package dev.understudy.extension;

import org.jspecify.annotations.NullMarked;
