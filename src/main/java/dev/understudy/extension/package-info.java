/**
 * Loads the jars of the directory {@code understudy.extensions}: filters and predicates of the
 * Gateway lane that are not ours. Nothing of it is loaded while the setting is not set.
 *
 * <p>What an extension may use is Spring Cloud Gateway's API and the libraries below it. Of our own
 * classes none is public: {@link dev.understudy.extension.ExtensionClassLoader} hides them, so that
 * every one of them may change.
 *
 * <p>Deliberately absent: loading while the process runs, because a class that is in use is never
 * unloaded for certain; beans and global filters, which would reach every route; and a class loader
 * for each jar, because jars may be libraries of one another.
 */
@NullMarked
package dev.understudy.extension;

import org.jspecify.annotations.NullMarked;
