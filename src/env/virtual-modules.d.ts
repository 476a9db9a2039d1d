declare module 'virtual:frame-agent' {
  /** src/frame/main.ts as one classic script. */
  const agent: string;
  export default agent;
}
