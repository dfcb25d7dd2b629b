package dev.understudy.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/**
 * What one logger says from here to {@link #close}, from INFO up. It asks the logger itself, as
 * applications of other classes in this JVM may have turned the levels above it and the console
 * off. What they say meanwhile is heard as well: a test class that captures everything is {@link
 * org.junit.jupiter.api.parallel.Isolated}, one beside others names what its own lines contain.
 */
public final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final String contained;
  private final Logger logger;
  private final Level before;

  private LogCapture(String name, String contained) {
    this.contained = contained;
    logger = (Logger) LoggerFactory.getLogger(name);
    before = logger.getLevel();
    logger.setLevel(Level.INFO);
    start();
    logger.addAppender(this);
  }

  public static LogCapture of(Class<?> type) {
    return of(type.getName());
  }

  public static LogCapture of(String name) {
    return of(name, "");
  }

  /** The lines that contain that text. */
  public static LogCapture of(Class<?> type, String contained) {
    return of(type.getName(), contained);
  }

  public static LogCapture of(String name, String contained) {
    return new LogCapture(name, contained);
  }

  /** In the order in which they were logged; grows while this is open. */
  public List<ILoggingEvent> events() {
    return events;
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getFormattedMessage().contains(contained)) {
      events.add(event);
    }
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(before);
  }
}
