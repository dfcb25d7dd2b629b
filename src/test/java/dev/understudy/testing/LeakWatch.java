package dev.understudy.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class after which Netty buffers were collected that nobody had released. */
public final class LeakWatch implements BeforeAllCallback, AfterAllCallback {
  private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    detector().setLeakListener((type, records) -> LEAKS.add(type + " " + records));
    LEAKS.clear();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    // Leaks are told of when a later buffer is made.
    for (int i = 0; i < 5; i++) {
      System.gc();
      for (ByteBufAllocator each :
          List.of(ByteBufAllocator.DEFAULT, PooledByteBufAllocator.DEFAULT)) {
        ByteBuf buffer = each.buffer(16);
        buffer.release();
      }
    }
    if (!LEAKS.isEmpty()) {
      throw new AssertionError(LEAKS.size() + " buffers leaked: " + LEAKS.get(0));
    }
  }

  /** Netty makes it once, for all buffers, and keeps it to itself. */
  private static ResourceLeakDetector<?> detector() throws ReflectiveOperationException {
    Field field = Class.forName("io.netty.buffer.AbstractByteBuf").getDeclaredField("leakDetector");
    field.setAccessible(true);
    return (ResourceLeakDetector<?>) field.get(null);
  }
}
