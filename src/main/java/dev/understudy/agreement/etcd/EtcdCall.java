package dev.understudy.agreement.etcd;

import dev.understudy.agreement.etcd.EtcdCallFailure.Remedy;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.text.Printable;
import io.netty.util.concurrent.Future;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * A request until its first response, with one deadline over all its sends. It is sent again only
 * if it was not carried out: to the next member if there was no connection, and once with a new
 * token. Used on the event loop only.
 */
abstract class EtcdCall {
  private final EtcdClient client;
  private final boolean authenticated;
  private final long deadline;

  private @Nullable Future<?> timer;
  private @Nullable Disposable sending;
  private @Nullable String url;
  private String token = "";
  private int unconnected;

  /** Whether etcd may have got the request, and given no answer that says what it did. */
  private boolean sent;

  private boolean renewed;
  private boolean responded;
  private boolean over;

  EtcdCall(EtcdClient client, boolean authenticated, long deadline) {
    this.client = client;
    this.authenticated = authenticated;
    this.deadline = deadline;
  }

  /** Sends the request; the sender reports a failure to {@link #failed}. */
  abstract Disposable send(String url, String token);

  /** Called when the request has failed for good. */
  abstract void gaveUp(EtcdCallFailure why);

  final void begin() {
    timer =
        client
            .loop
            .loop()
            .schedule(this::timedOut, deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    attempt();
  }

  private void attempt() {
    if (!authenticated) {
      attempt("");
      return;
    }
    var unused =
        client
            .token
            .current(deadline)
            .whenComplete(
                (current, failure) -> {
                  if (failure == null) {
                    attempt(current);
                  } else {
                    giveUp(unwrapped(failure).notSent()); // Only the call for the token was.
                  }
                });
  }

  private void attempt(String current) {
    if (over) {
      return;
    }
    token = current;
    url = client.member();
    sent = false;
    try {
      sending = send(url, token);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  /** Takes the failure of a send. */
  final void failed(Throwable thrown) {
    if (over) {
      return;
    }
    EtcdCallFailure failure = EtcdErrors.of(String.valueOf(url), thrown);
    if (!again(failure)) {
      giveUp(sent ? failure : failure.notSent());
    }
  }

  /** The first byte of the request is about to be sent. */
  final void sending() {
    sent = true;
  }

  private boolean again(EtcdCallFailure failure) {
    boolean safe =
        switch (failure.remedy()) {
          case ANOTHER_MEMBER_NOW -> {
            memberFailed();
            unconnected++;
            yield unconnected < client.members();
          }
          case NEW_TOKEN -> {
            boolean first = !renewed;
            renewed = true;
            yield authenticated && client.token.forget(token) && first;
          }
          case ANOTHER_MEMBER_NEXT -> {
            memberFailed();
            yield false;
          }
          case NEW_LEASE, NO_TOKEN, NONE -> false;
        };
    // After a response has begun, nothing is sent again: a watch would report everything twice.
    if (!safe || responded) {
      return false;
    }
    attempt();
    return true;
  }

  private void timedOut() {
    String where = url == null ? "etcd" : "etcd at " + url;
    memberFailed();
    if (url != null) {
      client.retire(url);
    }
    giveUp(
        new EtcdCallFailure(
            Remedy.NONE,
            sent ? Reason.UNCERTAIN : Reason.NOT_TAKEN,
            where + ": no response within " + client.timeout.toMillis() + " ms"));
  }

  private void memberFailed() {
    if (url != null) {
      client.memberFailed(url);
    }
  }

  private void giveUp(EtcdCallFailure failure) {
    if (over) {
      return;
    }
    end();
    gaveUp(failure);
  }

  /** A response has begun, so the deadline no longer holds. */
  final void responded() {
    responded = true;
    stopTimer();
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** Ends the attempt: nothing more is sent, and a request in flight is abandoned. */
  final void end() {
    over = true;
    stopTimer();
    if (sending != null) {
      sending.dispose();
    }
  }

  final boolean isOver() {
    return over;
  }

  /** The member of the last send. */
  final String url() {
    return String.valueOf(url);
  }

  static EtcdCallFailure unwrapped(Throwable thrown) {
    Throwable cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    return cause instanceof EtcdCallFailure known
        ? known
        : new EtcdCallFailure(
            Remedy.NONE,
            Reason.UNCERTAIN,
            "etcd: unexpected response: "
                + Printable.oneLine(String.valueOf(cause.getMessage()), 200),
            null,
            cause);
  }
}
