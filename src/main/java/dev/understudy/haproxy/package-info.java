/**
 * Translates HAProxy's configuration into Understudy's: {@code HaproxyImport} is the entry.
 *
 * <p>Deliberately absent: files and sockets. What a configuration names (maps, user lists, error
 * files) is read through the caller; what an import makes is returned, not written.
 */
@NullMarked
package dev.understudy.haproxy;

import org.jspecify.annotations.NullMarked;
