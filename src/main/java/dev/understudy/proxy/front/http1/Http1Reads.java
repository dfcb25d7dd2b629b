package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.front.http1.Http1Turns.Turn;
import io.netty.channel.ChannelHandlerContext;

/**
 * When one HTTP/1 connection is read, so that a client which sends faster than a server takes is
 * held back: of a request only what is asked for is read, and nothing while something waits. One
 * read is outstanding while a response is awaited: that is how aborts are seen.
 */
final class Http1Reads {
  private final ChannelHandlerContext ctx;
  private final Http1Turns turns;
  private boolean wanted;

  /** Reactor Netty has asked while something waited, and nothing has been read since. */
  private boolean putOff;

  private boolean ended;

  /**
   * @param ctx the front's
   */
  Http1Reads(ChannelHandlerContext ctx, Http1Turns turns) {
    this.ctx = ctx;
    this.turns = turns;
  }

  /** Whether more of the request was asked for and has not come. */
  boolean isWanted() {
    return wanted;
  }

  /** Something was read that goes on to who asked for it. */
  void arrived() {
    wanted = false;
  }

  /** Whoever has the request wants more of it. */
  void want() {
    wanted = true;
    read();
  }

  /** Reactor Netty wants more, maybe by auto-read. */
  void gatewayWants() {
    if (turns.is(Turn.GIVEN_AWAY) || (!turns.is(Turn.EXPRESS) && turns.mayReadAhead())) {
      want();
    } else {
      putOff = true;
    }
  }

  /** A read is over. */
  void goOn() {
    switch (turns.now()) {
      case WAITING -> {
        if (!turns.hasLater()) {
          read();
        }
      }
      case EXPRESS -> {
        if (turns.isRequestEnded() ? turns.mayReadAhead() : wanted) {
          read();
        }
      }
      case LEFTOVER, LINGERING -> read();
      case GATEWAY, GIVEN_AWAY -> {}
    }
  }

  /** Nothing waits any more: Reactor Netty gets what it asked for meanwhile. */
  void catchUp() {
    if (!turns.is(Turn.GATEWAY)) {
      goOn();
    } else if (putOff) {
      gatewayWants();
    }
  }

  /** For whoever it is. */
  void read() {
    putOff = false;
    if (!ended) {
      ctx.read();
    }
  }

  /** Nothing more comes. */
  void end() {
    ended = true;
  }
}
