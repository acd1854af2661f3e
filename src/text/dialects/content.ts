import type { ContentBlock, Message, Segment } from "../types.ts";
import { IMAGE } from "./control-tokens.ts";

/**
 * Content as one list of segments per block. V4.1 has a placeholder for images; elsewhere they become `[Unsupported image]`, as in
 * DeepSeek's encoders, so that the model at least knows that something was there.
 */
export function contentBlocks(content: Message["content"], images: boolean): readonly (readonly Segment[])[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return [[{ text: content }]];
  return content.map((block) => {
    if (isText(block)) return [{ text: block.text }];
    if (images && block.type === "image") return [{ control: IMAGE }];
    return [{ text: `[Unsupported ${block.type}]` }];
  });
}

/** All blocks of a content, joined by an empty line. */
export const contentSegments = (content: Message["content"], images: boolean): readonly Segment[] =>
  joinSegments(contentBlocks(content, images));

/** Content as text, for places where no image can stand. */
export const contentText = (content: Message["content"]): string =>
  contentBlocks(content, false)
    .flat()
    .map((segment) => ("text" in segment ? segment.text : segment.control))
    .join("\n\n");

export const joinSegments = (blocks: readonly (readonly Segment[])[]): readonly Segment[] =>
  blocks.flatMap((block, i) => (i === 0 ? block : [{ text: "\n\n" }, ...block]));

const isText = (block: ContentBlock): block is { type: "text"; text: string } =>
  block.type === "text" && "text" in block && typeof block.text === "string";
