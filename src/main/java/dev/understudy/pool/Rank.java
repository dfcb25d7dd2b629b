package dev.understudy.pool;

/** A server's configured rank; the lower ordinal is preferred. */
public enum Rank {
  MASTER,
  BACKUP
}
