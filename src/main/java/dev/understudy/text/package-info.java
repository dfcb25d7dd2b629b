/**
 * Text for people: untrusted text made safe for one line, and names, lists and cuts that several
 * packages write alike.
 *
 * <p>Deliberately absent: sentences, which belong to the package that knows the fact; what may be
 * shown of settings, which {@code pool.Disclosure} decides.
 */
@NullMarked
package dev.understudy.text;

import org.jspecify.annotations.NullMarked;
