export function PlanIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
      <title>Plan and cache</title>
      <path d="M4 5h7M4 5v14h4M8 12h6M4 12h4M8 19h12" strokeLinecap="round" />
    </svg>
  );
}
