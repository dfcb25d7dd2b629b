/**
 * What the registers over HTTP share: a thread of their own, and a client on it that sends one
 * request, or reads one stream of JSON objects.
 *
 * <p>Deliberately absent: repetition of calls, and the meaning of their failures, which differ from
 * store to store.
 */
@NullMarked
package dev.understudy.agreement.http;

import org.jspecify.annotations.NullMarked;
