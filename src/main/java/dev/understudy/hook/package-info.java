/**
 * Hooks: calls over HTTP, and programs, that fence and promote servers when a role moves. Nothing
 * of it is loaded before the first call, but what tells that none runs. {@link
 * dev.understudy.hook.HttpPost} serves notifications too.
 *
 * <p>Deliberately absent: when a hook is called, and what follows; see {@code switchover} and
 * {@code monitor}.
 */
@NullMarked
package dev.understudy.hook;

import org.jspecify.annotations.NullMarked;
