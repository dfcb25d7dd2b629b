package dev.understudy.admin;

import java.util.concurrent.Callable;

/**
 * Wraps work so that each of its failures reaches the caller. Reactor throws errors of the virtual
 * machine, such as too little memory for one large document, on the thread that happens to run the
 * work, so that the request would never get a response ({@code
 * reactor.core.Exceptions#throwIfJvmFatal}).
 */
final class ErrorsAsExceptions {
  private ErrorsAsExceptions() {}

  /** The same work; an {@link Error} becomes the cause of an exception. */
  static <T> Callable<T> of(Callable<T> work) {
    return () -> {
      try {
        return work.call();
      } catch (Error e) {
        throw new IllegalStateException("a document could not be made", e);
      }
    };
  }
}
